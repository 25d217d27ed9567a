"""What an officer starts: command line, worker, deployments, rehearsal."""
