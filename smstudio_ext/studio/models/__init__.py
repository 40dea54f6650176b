"""Typed requests and answers of the REST API, one module a panel; the front end's types are made from them."""
