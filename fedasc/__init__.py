"""Personal acoustic scene classification in hearing aids: a federated-learning simulation."""
