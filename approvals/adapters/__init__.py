"""What approvals needs of the machine it runs on: who holds an action, who is alive."""
