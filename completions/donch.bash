# Generated: node scripts/run.mjs scripts/generate-docs.ts
# bash: source this file, e.g. from ~/.bashrc
_donch() {
  local words='' current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  case "$previous" in
    --kind) words='candles funding open-interest' ;;
    --time-unit) words='s ms us ns' ;;
    --time-label) words='open close' ;;
    --conflicts) words='none first last' ;;
    --revisions) words='keep take' ;;
    --pred-label) words='open close' ;;
    --dedup) words='mean median max min first last' ;;
    --plant) words='rs_week htf_open day_open future_high smoothed_regime same_bar_trail' ;;
  esac
  if [[ -z $words ]]; then
    if ((COMP_CWORD == 1)); then
      words='demo init fetch import run scout backtest sweep train ev apply-meta model deploy-model rollback-model report compare why list trials holdout export config data doctor lookahead null-test completion live replay chaos --help --version'
    else
      local command="${COMP_WORDS[1]}"
      case "$command ${COMP_WORDS[2]}" in
        'model inspect') ((COMP_CWORD > 2)) && command='model inspect' ;;
        'model verify') ((COMP_CWORD > 2)) && command='model verify' ;;
        'model import') ((COMP_CWORD > 2)) && command='model import' ;;
        'data status') ((COMP_CWORD > 2)) && command='data status' ;;
        'data certificate') ((COMP_CWORD > 2)) && command='data certificate' ;;
        'data compact') ((COMP_CWORD > 2)) && command='data compact' ;;
        'data repair') ((COMP_CWORD > 2)) && command='data repair' ;;
      esac
      case "$command" in
      'demo') words='--json -q --quiet --dir --no-effect --no-cache --workers --help' ;;
      'init') words='--json -q --quiet --help' ;;
      'fetch') words='--json -q --quiet --config --set --symbols --all --delisted --min-turnover --listed-before --intervals --start --end --no-funding --open-interest --jobs --rate --base-url --help' ;;
      'import') words='--json -q --quiet --config --set --venue --interval --symbol --kind --columns --time-unit --time-zone --day-first --month-first --time-label --strict --repair --conflicts --revisions --allow-partial --dry-run --help' ;;
      'run') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --no-cache --meta --help' ;;
      'scout') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --no-cache --help' ;;
      'backtest') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --no-cache --signals --help' ;;
      'sweep') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --no-cache --grid --vary --random --single --use-1m --robust-topk --variant --min-trades --help' ;;
      'train') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --no-cache --signals-parquet --trades-csv --target --mfe-k --r-threshold --horizon-hours --outdir --pstar --min-trades --blocks --k-test --embargo --max-splits --sample-weights --help' ;;
      'ev') words='--json -q --quiet --config --set --pred --trades --pred-ts --trades-ts --pred-sym --trades-sym --pred-id --trades-id --proba-col --pred-label --dedup --round --tol --min-coverage --min-trades --grid --groups --embargo --horizon --seed --pstar --out --write --help' ;;
      'apply-meta') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --no-cache --signals --pred --proba-col --pred-ts --pred-sym --pred-id --pred-label --dedup --round --tol --min-coverage --pstar --rebt --out --bundle --in-sample --help' ;;
      'model') words='inspect verify import --help' ;;
      'model inspect') words='--json -q --quiet --config --set --help' ;;
      'model verify') words='--json -q --quiet --config --set --strategy --help' ;;
      'model import') words='--json -q --quiet --config --set --strategy --model --feature-names --categories --calibrator --pstar --trained-until --outdir --onnx --features --signals --out --help' ;;
      'deploy-model') words='--json -q --quiet --config --set --strategy --help' ;;
      'rollback-model') words='--json -q --quiet --config --set --strategy --help' ;;
      'report') words='--json -q --quiet --config --set --format --out --run-all --variant-cols --returns-col --trades-csv --cpcv --blocks --k-test --embargo --help' ;;
      'compare') words='--json -q --quiet --config --set --html --help' ;;
      'why') words='--json -q --quiet --config --set --strategy --run --last --help' ;;
      'list') words='--json -q --quiet --config --set --limit --help' ;;
      'trials') words='--json -q --quiet --config --set --limit --help' ;;
      'holdout') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --no-cache --signals --open --reason --help' ;;
      'export') words='candles funding instruments trades equity signals labels decisions funnel gates aggregated --json -q --quiet --config --set --out --start --end --run --old-names --help' ;;
      'config') words='--json -q --quiet --config --set --all --strategy --help' ;;
      'data') words='status certificate compact repair --help' ;;
      'data status') words='--json -q --quiet --config --set --venue --interval --symbols --gaps --help' ;;
      'data certificate') words='--json -q --quiet --config --set --venue --interval --symbols --verify --out --help' ;;
      'data compact') words='--json -q --quiet --config --set --venue --interval --help' ;;
      'data repair') words='--json -q --quiet --config --set --venue --interval --help' ;;
      'doctor') words='--json -q --quiet --config --set --help' ;;
      'lookahead') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --cuts --sample --plant --help' ;;
      'null-test') words='--json -q --quiet --config --set --strategy --seed --workers --no-rs --no-regime --seeds --plant --sweep --grid --vary --help' ;;
      'completion') words='bash zsh fish --json -q --quiet --help' ;;
      'live') words='--json -q --quiet --config --set --start --end --symbols --strategy --seed --workers --no-rs --no-regime --no-cache --offline --late-frac --absent-frac --operator --fresh --help' ;;
      'replay') words='--json -q --quiet --config --set --help' ;;
      'chaos') words='--json -q --quiet --config --set --strategy --seed --workers --no-rs --no-regime --seeds --first-seed --minutes --scenario --processes --help' ;;
      esac
    fi
  fi
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
  [[ ${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
  return 0
}
complete -F _donch donch ./donch
