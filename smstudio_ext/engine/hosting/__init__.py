"""Model servers, routing and variants of real-time endpoints."""
