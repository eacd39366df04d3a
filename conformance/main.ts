#!/usr/bin/env node
import { main } from './runner/main.js';

process.exitCode = await main(process.argv.slice(2));
