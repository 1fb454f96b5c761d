// Imported before every test file: its report goes to the runner over a socket, and --test-force-exit ends the process at once. Written
// without waiting, the end of a long report would be lost, and with it results (also failed ones).
process.stdout._handle?.setBlocking?.(true);
