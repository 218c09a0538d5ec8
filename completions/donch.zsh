#compdef donch
# Generated: node scripts/run.mjs scripts/generate-docs.ts
# zsh: put this file as _donch into a folder of $fpath
local -a commands candidates
if ((CURRENT == 2)); then
  commands=(
    'demo:the whole research chain on a synthetic market\: no data, no keys, no network'
    'init:make a project\: config.yaml, symbols.txt, strategies'
    'fetch:download candles, funding and instruments from Bybit'
    'import:bring candles, funding rates and open interest of other programs into the store'
    'run:scout, then backtest\: signals, trades, equity, decisions'
    'scout:scan the universe\: signals, decision records, funnel'
    'backtest:trade signals in one portfolio\: trades, equity, decisions'
    'sweep:many variants of entries and exits at once\: leaderboard, heat maps, what luck alone would show'
    'train:win-probability model\: validate, calibrate, choose p*, bundle'
    'ev:EV by probability threshold, and p*'
    'apply-meta:keep the signals that the model likes, and trade them again'
    'model:what a model bundle is, whether it is whole, models of others'
    'deploy-model:copy a verified bundle under models/ and make it the current one'
    'rollback-model:make the bundle that was deployed before the current one again'
    'report:one page about a run\: what made and lost money, what it can bear, what luck alone would show'
    'compare:two or more runs side by side\: figures, what differs, and whether the difference could be chance'
    'why:why was this symbol traded, or not\: decision records and gates, at any time'
    'list:the runs of this project, newest first, with their figures'
    'trials:how often you have looked\: every configuration ever evaluated'
    'holdout:the one look at data that nothing else looks at\: is what was chosen good there, too?'
    'export:candles, funding, or any table of a run as Parquet or CSV'
    'config:the effective settings\: every value, and where it comes from'
    'data:what the store holds, its hashes, and its upkeep'
    'doctor:is everything in order here? each check with its remedy'
    'lookahead:prove that nothing looks into the future\: on your strategy, on your data'
    'null-test:your strategy on price martingales, where nothing honest can earn'
    'completion:script that completes commands and flags in your shell'
    'live:trade bar by bar\: here on stored candles (--offline)'
    'replay:does the same program decide the same on the recorded bars? byte by byte'
    'chaos:your settings against an exchange that misbehaves'
  )
  _describe 'command' commands
else
  local key="${words[2]}"
  ((CURRENT > 3)) && [[ "${words[2]}" == 'data' ]] && key="${words[2]} ${words[3]}"
  case "$key" in
    'demo') candidates=('--json' '-q' '--quiet' '--dir' '--no-effect' '--no-cache' '--workers' '--help') ;;
    'init') candidates=('--json' '-q' '--quiet' '--help') ;;
    'fetch') candidates=('--json' '-q' '--quiet' '--config' '--set' '--symbols' '--all' '--delisted' '--min-turnover' '--listed-before' '--intervals' '--start' '--end' '--no-funding' '--open-interest' '--jobs' '--rate' '--base-url' '--help') ;;
    'import') candidates=('--json' '-q' '--quiet' '--config' '--set' '--venue' '--interval' '--symbol' '--kind' '--columns' '--time-unit' '--time-zone' '--day-first' '--month-first' '--time-label' '--strict' '--repair' '--conflicts' '--revisions' '--allow-partial' '--dry-run' '--help') ;;
    'run') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--no-cache' '--meta' '--help') ;;
    'scout') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--no-cache' '--help') ;;
    'backtest') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--no-cache' '--signals' '--help') ;;
    'sweep') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--no-cache' '--grid' '--vary' '--random' '--single' '--use-1m' '--robust-topk' '--variant' '--min-trades' '--help') ;;
    'train') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--no-cache' '--signals-parquet' '--trades-csv' '--target' '--mfe-k' '--r-threshold' '--horizon-hours' '--outdir' '--pstar' '--min-trades' '--blocks' '--k-test' '--embargo' '--max-splits' '--sample-weights' '--help') ;;
    'ev') candidates=('--json' '-q' '--quiet' '--config' '--set' '--pred' '--trades' '--pred-ts' '--trades-ts' '--pred-sym' '--trades-sym' '--pred-id' '--trades-id' '--proba-col' '--pred-label' '--dedup' '--round' '--tol' '--min-coverage' '--min-trades' '--grid' '--groups' '--embargo' '--horizon' '--seed' '--pstar' '--out' '--write' '--help') ;;
    'apply-meta') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--no-cache' '--signals' '--pred' '--proba-col' '--pred-ts' '--pred-sym' '--pred-id' '--pred-label' '--dedup' '--round' '--tol' '--min-coverage' '--pstar' '--rebt' '--out' '--bundle' '--in-sample' '--help') ;;
    'model') candidates=('inspect' 'verify' 'import' '--help') ;;
    'model inspect') candidates=('--json' '-q' '--quiet' '--config' '--set' '--help') ;;
    'model verify') candidates=('--json' '-q' '--quiet' '--config' '--set' '--strategy' '--help') ;;
    'model import') candidates=('--json' '-q' '--quiet' '--config' '--set' '--strategy' '--model' '--feature-names' '--categories' '--calibrator' '--pstar' '--trained-until' '--outdir' '--onnx' '--features' '--signals' '--out' '--help') ;;
    'deploy-model') candidates=('--json' '-q' '--quiet' '--config' '--set' '--strategy' '--help') ;;
    'rollback-model') candidates=('--json' '-q' '--quiet' '--config' '--set' '--strategy' '--help') ;;
    'report') candidates=('--json' '-q' '--quiet' '--config' '--set' '--format' '--out' '--run-all' '--variant-cols' '--returns-col' '--trades-csv' '--cpcv' '--blocks' '--k-test' '--embargo' '--help') ;;
    'compare') candidates=('--json' '-q' '--quiet' '--config' '--set' '--html' '--help') ;;
    'why') candidates=('--json' '-q' '--quiet' '--config' '--set' '--strategy' '--run' '--last' '--help') ;;
    'list') candidates=('--json' '-q' '--quiet' '--config' '--set' '--limit' '--help') ;;
    'trials') candidates=('--json' '-q' '--quiet' '--config' '--set' '--limit' '--help') ;;
    'holdout') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--no-cache' '--signals' '--open' '--reason' '--help') ;;
    'export') candidates=('candles' 'funding' 'instruments' 'trades' 'equity' 'signals' 'labels' 'decisions' 'funnel' 'gates' 'aggregated' '--json' '-q' '--quiet' '--config' '--set' '--out' '--start' '--end' '--run' '--old-names' '--help') ;;
    'config') candidates=('--json' '-q' '--quiet' '--config' '--set' '--all' '--strategy' '--help') ;;
    'data') candidates=('status' 'certificate' 'compact' 'repair' '--help') ;;
    'data status') candidates=('--json' '-q' '--quiet' '--config' '--set' '--venue' '--interval' '--symbols' '--gaps' '--help') ;;
    'data certificate') candidates=('--json' '-q' '--quiet' '--config' '--set' '--venue' '--interval' '--symbols' '--verify' '--out' '--help') ;;
    'data compact') candidates=('--json' '-q' '--quiet' '--config' '--set' '--venue' '--interval' '--help') ;;
    'data repair') candidates=('--json' '-q' '--quiet' '--config' '--set' '--venue' '--interval' '--help') ;;
    'doctor') candidates=('--json' '-q' '--quiet' '--config' '--set' '--help') ;;
    'lookahead') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--cuts' '--sample' '--plant' '--help') ;;
    'null-test') candidates=('--json' '-q' '--quiet' '--config' '--set' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--seeds' '--plant' '--sweep' '--grid' '--vary' '--help') ;;
    'completion') candidates=('bash' 'zsh' 'fish' '--json' '-q' '--quiet' '--help') ;;
    'live') candidates=('--json' '-q' '--quiet' '--config' '--set' '--start' '--end' '--symbols' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--no-cache' '--offline' '--late-frac' '--absent-frac' '--operator' '--fresh' '--help') ;;
    'replay') candidates=('--json' '-q' '--quiet' '--config' '--set' '--help') ;;
    'chaos') candidates=('--json' '-q' '--quiet' '--config' '--set' '--strategy' '--seed' '--workers' '--no-rs' '--no-regime' '--seeds' '--first-seed' '--minutes' '--scenario' '--processes' '--help') ;;
  esac
  compadd -- $candidates
  _files
fi
