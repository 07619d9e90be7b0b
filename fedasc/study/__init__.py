"""The paper's experiments: many repetitions, many mixtures, every point kept."""
