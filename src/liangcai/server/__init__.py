"""The Django application: config › web | api | console › services › queries › access › store."""
