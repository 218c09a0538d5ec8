export { describeWithShared, sharedDir } from './shared.ts';
