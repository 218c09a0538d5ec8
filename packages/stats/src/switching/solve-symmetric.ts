/**
 * Solution x of A x = b for a symmetric positive definite matrix given row by row (Cholesky); null when it is not positive
 * definite or holds a NaN.
 */
export function solveSymmetric(matrix: readonly Float64Array[], right: Float64Array): Float64Array | null {
  const n = right.length;
  const lower = matrix.map((row) => row.slice());
  for (let j = 0; j < n; j += 1) {
    for (let i = j; i < n; i += 1) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k += 1) sum -= lower[i][k] * lower[j][k];
      if (i > j) lower[i][j] = sum / lower[j][j];
      else if (sum > 0) lower[j][j] = Math.sqrt(sum);
      else return null;
    }
    if (!(lower[j][j] > 0)) return null;
  }
  const solution = right.slice();
  for (let i = 0; i < n; i += 1) {
    for (let k = 0; k < i; k += 1) solution[i] -= lower[i][k] * solution[k];
    solution[i] /= lower[i][i];
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < n; k += 1) solution[i] -= lower[k][i] * solution[k];
    solution[i] /= lower[i][i];
  }
  return solution;
}
