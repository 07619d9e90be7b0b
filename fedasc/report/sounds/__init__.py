"""Windows to listen to: sound, pictures, and what each classifier took them for."""
