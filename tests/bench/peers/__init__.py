"""Other people's solvers on our instances: each turns our arrays into its own model and its answer back into ours."""
