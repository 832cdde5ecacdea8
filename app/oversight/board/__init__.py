"""The live dispatch board: the list by risk, its views, the picked order, and what somebody must look at now."""
