/** Prints the tables that the bundler writes into the command line. */
import { portClasses } from './port-classes.ts';

process.stdout.write(JSON.stringify(portClasses()));
