"""Words for models, as files. Data only: this package imports nothing."""
