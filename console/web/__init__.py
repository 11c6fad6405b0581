"""The pages: for officers, colleges, experts and auditors behind a login, for the public without one; and the API."""
