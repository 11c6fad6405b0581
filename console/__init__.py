"""How people meet the product: the terminal, the Excel form, later the pages. It asks the gateway, and decides nothing."""
