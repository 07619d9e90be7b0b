"""Classifiers as ONNX, for whoever has another runtime (extra `onnx`).

The graphs are put together from the arrays that fedasc itself computes with. Converters of
scikit-learn's models and of PyTorch's modules would convert other models than those that label
here, write a second file, or fix the number of samples.
"""
