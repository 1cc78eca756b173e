// The first test takes this file's place.
