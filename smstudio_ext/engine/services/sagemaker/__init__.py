"""Operations of SageMaker, one module a resource family."""
