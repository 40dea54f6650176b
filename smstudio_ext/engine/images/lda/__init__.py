"""The lda image."""
