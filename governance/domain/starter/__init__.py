"""The starter pack as data: matrix, tiers, agents, people. Conservative; RevOps edits the rows afterwards."""
