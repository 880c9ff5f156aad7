"""The directory's room: takes in signed listings, finds entries as somebody types, serves each with its proof. Its one
door is `Listings`."""
