"""What reads and writes foreign formats."""
