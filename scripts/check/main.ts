/** Prints the violations of the repository rules below the working folder and ends with exit code 1 when there are any. */

import { checkRepository } from './repository.ts';
import { RULES } from './violation.ts';

const { violations, exceptions, files } = checkRepository(process.cwd());
for (const { rule, path, line, message } of violations)
  console.log(`${path}:${line}: ${message} [${rule}: ${RULES[rule]}]`);
console.log(`repository rules: ${files} files, ${violations.length} violations, ${exceptions} exceptions by marker`);
if (violations.length > 0 || files === 0) process.exitCode = 1;
