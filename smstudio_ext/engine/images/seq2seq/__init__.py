"""The Seq2Seq image."""
