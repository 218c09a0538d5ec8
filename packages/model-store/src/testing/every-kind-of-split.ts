import { parseLightGbm, type Booster } from '@donch/meta';

/**
 * Small and complete: missing told by NaN (a), by zero (b), not at all (c), categories (d) with 0 and numbers beyond 32, an empty
 * category set, a feature split in two ways (a), thresholds 0, -0 and both infinities, a tree of one leaf between others, a root
 * whose leaf and node have the same number, sigmoid 2.
 */
export function everyKindOfSplit(): Booster {
  return parseLightGbm(TEXT, 'every-kind-of-split.txt');
}

/** decision_type: 1 categorical, 2 missing goes left; 4 missing is zero, 8 missing is NaN. */
const TEXT = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=3
objective=binary sigmoid:2
feature_names=a b c d
feature_infos=[-1:1] [-1:1] [-1:1] 0:2:33:40:70

Tree=0
num_leaves=5
num_cat=0
split_feature=0 1 2 0
threshold=0.1 -0.25 0 inf
decision_type=10 6 0 8
left_child=1 -1 -3 -4
right_child=2 -2 3 -5
leaf_value=0.11 -0.23 0.37 -0.41 0.53
shrinkage=0.1

Tree=1
num_leaves=1
num_cat=0
leaf_value=0.0625
shrinkage=0.1

Tree=2
num_leaves=4
num_cat=3
split_feature=3 3 3
threshold=0 1 2
decision_type=1 1 1
left_child=1 -1 -3
right_child=2 -2 -4
leaf_value=0.3 -0.31 0.07 0.011
cat_boundaries=0 3 4 5
cat_threshold=5 258 64 1 0
shrinkage=0.1

Tree=3
num_leaves=4
num_cat=0
split_feature=1 1 0
threshold=0.75 0 -0
decision_type=4 6 2
left_child=-2 -1 -3
right_child=1 2 -4
leaf_value=0.017 -0.29 0.19 0.23
shrinkage=0.1

Tree=4
num_leaves=3
num_cat=0
split_feature=2 2
threshold=-inf 1.5
decision_type=8 10
left_child=-1 -2
right_child=1 -3
leaf_value=0.5 -0.6 0.7
shrinkage=0.1

end of trees
`;
