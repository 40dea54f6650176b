"""AWS's Search: expressions become SQL over resources and trial components."""
