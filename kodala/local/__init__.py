"""Set-up and private servers for `./run`: standard library only, usable before anything is installed."""
