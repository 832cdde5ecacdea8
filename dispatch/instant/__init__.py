"""One new order a volunteer in this batch, exact: as a district needs it. dispatch/fast is the same for cities."""
