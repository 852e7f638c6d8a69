"""Officials at their desk: password and second factor, lock and change of person, appointments."""
