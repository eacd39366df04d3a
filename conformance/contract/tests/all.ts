import type { Test } from '../../runner/test.js';
import { createTests, startTests } from './create.js';
import { descriptorTests, pidFileTests } from './descriptors.js';
import { checkpointTests, featuresTests, specTests } from './documents.js';
import { edgeTests } from './edges.js';
import { eventsTests } from './events.js';
import { everyStateTests } from './every-state.js';
import { execTests } from './exec.js';
import { execProcessTests } from './exec-process.js';
import { execCgroupTests, execFileTests } from './exec-with.js';
import { exitTests } from './exit-codes.js';
import { foregroundTests } from './foreground.js';
import { globalTests } from './globals.js';
import { handingOverTests, hookPlaceTests } from './handing-over.js';
import { helpTests } from './help.js';
import { hookCallTests } from './hook-calls.js';
import { idTests } from './ids.js';
import { deleteTests, killTests } from './kill.js';
import { listTests } from './list.js';
import { loggingTests } from './logging.js';
import { outputTests } from './output.js';
import { parsingTests } from './parsing.js';
import { printedTests } from './printed.js';
import { recordTests } from './records.js';
import { refusalTests } from './refusals.js';
import { pauseTests, psTests, resourceTests } from './resources.js';
import { rootTests } from './roots.js';
import { runTests } from './run.js';
import { consoleTests, notifyTests, pidfdTests, reapTests } from './sockets.js';
import { stateTests } from './states.js';
import { terminalTests } from './terminals.js';
import { hookTests, textTests } from './texts.js';
import { updateTests } from './update.js';
import { usageTests } from './usage.js';
import { valueTests } from './values.js';

/** The tests of the contract, in its order. */
export const contractTests: readonly Test[] = [
  ...parsingTests,
  ...usageTests,
  ...valueTests,
  ...helpTests,
  ...globalTests,
  ...rootTests,
  ...loggingTests,
  ...recordTests,
  ...exitTests,
  ...stateTests,
  ...idTests,
  ...listTests,
  ...createTests,
  ...startTests,
  ...refusalTests,
  ...runTests,
  ...foregroundTests,
  ...killTests,
  ...deleteTests,
  ...execTests,
  ...execProcessTests,
  ...execFileTests,
  ...execCgroupTests,
  ...psTests,
  ...pauseTests,
  ...resourceTests,
  ...updateTests,
  ...eventsTests,
  ...outputTests,
  ...specTests,
  ...featuresTests,
  ...checkpointTests,
  ...everyStateTests,
  ...printedTests,
  ...pidFileTests,
  ...consoleTests,
  ...terminalTests,
  ...pidfdTests,
  ...descriptorTests,
  ...reapTests,
  ...notifyTests,
  ...handingOverTests,
  ...hookTests,
  ...hookPlaceTests,
  ...edgeTests,
  ...hookCallTests,
  ...textTests,
];
