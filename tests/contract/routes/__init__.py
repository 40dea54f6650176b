"""Every route of the REST API against the local engine and against moto as an AWS account."""
