"""One migration, or one check, over many repositories: which, in which processes, with what result, told as one."""
