"""What chapters and labs are written and graded with."""
