"""The Object2Vec image."""
