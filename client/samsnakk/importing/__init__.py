"""From an organisation's own file, CSV or a FHIR bundle, to the entries of its listing: read strictly, every mistake
told with its place, compared field by field with what is published, and taken over as a whole or not at all."""
