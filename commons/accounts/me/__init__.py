"""我的资料: what a person sees, corrects, takes along and closes."""
