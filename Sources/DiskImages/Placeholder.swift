// The first reader takes this file's place.
