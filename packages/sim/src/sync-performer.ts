/** Performs the engine's commands on a venue that answers at once, and turns its answers into events. */
import type { Command, VenueEvent } from '@donch/core';
import type { BarVenue } from './bar-venue.ts';

const NOTHING: readonly VenueEvent[] = [];

/** Events that follow from one command; facts for the record (decision, trade, alert) are none of the venue's business. */
export function performCommand(venue: BarVenue, command: Command, timeMs: number): readonly VenueEvent[] {
  switch (command.kind) {
    case 'submit': {
      const { clientOrderId } = command.order;
      const answer = venue.submit(command.order);
      if (answer.kind === 'accepted') return [{ kind: 'order_accepted', timeMs, clientOrderId }];
      return [
        {
          kind: answer.kind === 'rejected' ? 'order_rejected' : 'order_unknown',
          timeMs,
          clientOrderId,
          reason: answer.reason,
        },
      ];
    }
    case 'cancel':
      venue.cancel(command.instrumentId, command.clientOrderId);
      return NOTHING;
    case 'set_protection':
      if (venue.setProtection(command.instrumentId, command.protection).kind !== 'accepted') return NOTHING;
      return [
        { kind: 'protection_verified', timeMs, instrumentId: command.instrumentId, protection: command.protection },
      ];
    case 'verify_protection': {
      const position = venue.positionOf(command.instrumentId);
      if (position === undefined) return NOTHING;
      if (position.protection === null) {
        return [
          {
            kind: 'protection_missing',
            timeMs,
            instrumentId: command.instrumentId,
            reason: 'the position shows no stop',
          },
        ];
      }
      return [
        { kind: 'protection_verified', timeMs, instrumentId: command.instrumentId, protection: position.protection },
      ];
    }
    case 'lookup': {
      const report = venue.lookup(command.instrumentId, command.clientOrderId);
      const { clientOrderId } = command;
      if (report.kind === 'live') return [{ kind: 'order_accepted', timeMs, clientOrderId }];
      if (report.kind === 'done') return [{ kind: 'order_done', timeMs, clientOrderId, filledQty: report.filledQty }];
      if (report.kind === 'rejected') return [{ kind: 'order_rejected', timeMs, clientOrderId, reason: report.reason }];
      return [{ kind: 'order_never', timeMs, clientOrderId }];
    }
    case 'decision':
    case 'trade_closed':
    case 'alert':
      return NOTHING;
  }
}
