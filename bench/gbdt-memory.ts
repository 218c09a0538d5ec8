/** Trains on 2M rows x 60 features in a process of its own and prints the most memory beyond the input, in bytes. */
import { GBDT_DEFAULTS, trainGbdt } from '@donch/meta';
import { gbdtRows } from './gbdt-data.ts';

const KIB = 1_024;
const training = gbdtRows(2_000_000, 60);
const before = process.memoryUsage().rss;
trainGbdt(training, { ...GBDT_DEFAULTS, trees: 3 });
console.log(process.resourceUsage().maxRSS * KIB - before);
