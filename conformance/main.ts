#!/usr/bin/env node
import { main } from './runner/main.js';

// A test that was given up may wait for something yet.
process.exit(await main(process.argv.slice(2)));
