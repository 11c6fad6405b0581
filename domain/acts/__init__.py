"""What may be done: the form and the decision of every act, one file per part of the process."""
