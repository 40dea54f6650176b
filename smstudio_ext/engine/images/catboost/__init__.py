"""The CatBoost image."""
