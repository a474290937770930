"""From a name typed in a hurry to the listed party: normal forms, an index of names, one score, grades with reasons."""
