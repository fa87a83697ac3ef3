"""Changes and findings shown for a person or a program to judge; pure, writes nothing."""
