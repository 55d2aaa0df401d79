"""One module for each library of models: the only places that know its class names."""
