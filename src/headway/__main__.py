"""Run the command line with ``python -m headway``."""

from headway.cli.start import main

if __name__ == "__main__":
    main()
