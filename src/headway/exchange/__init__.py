"""Other people's formats: lists as spreadsheets today, each read into what a portfolio file can say."""
