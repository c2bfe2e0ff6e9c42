// Prints core/controllers/cronjob/testdata/cron-times.jsonl: what github.com/robfig/cron/v3, with which Kubernetes reads schedules, answers for when a
// schedule runs next. One line a schedule and zone, with pairs of the time asked for and the answer, in seconds since the epoch; null: none in five years.
// Run it by hand, with Go, in this folder: go run -tags timetzdata . > ../../../core/controllers/cronjob/testdata/cron-times.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"time"

	"github.com/robfig/cron/v3"
)

// Zones with something to them: half hours, changes at midnight, by half an hour or by two hours, a day left out, none at all.
var zones = []string{"UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/Havana", "America/Santiago",
	"America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Asia/Kathmandu", "Asia/Beirut", "Asia/Tehran", "Antarctica/Troll",
	"Asia/Amman"}

var schedules = []string{"* * * * *", "*/15 * * * *", "0 * * * *", "30 * * * *", "@hourly", "0 0 * * *", "@daily", "30 0 * * *", "30 1 * * *",
	"0 2 * * *", "30 2 * * *", "15 2 * * *", "0 3 * * *", "0 23 * * *", "59 23 * * *", "0 0 1 * *", "@monthly", "@weekly", "@yearly", "0 0 29 2 *", "0 0 30 2 *",
	"0 12 31 4,6,9,11 *", "0 0 13 * 5", "0 0 */2 * 1", "0 0 ? * mon-fri", "0 0 1-7 * ?", "*/7 */5 * * *", "0 0-6/2 * * SUN", "5/20 1/6 10/5 JAN-DEC/2 *",
	"0 0 30 12 *", "0 4 31 3 *", "1,2,30-33 2,3 * 3,4,9-11 0,6", "0 0 * */3 *", "0 1 1 1 1", "0 0 29-31/2 1-6 *", "45 23 28-31 * *", "@every 90s",
	"@every 1h30m", "@every 1.5s", "@every 10ms", ", * * * *"}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	random := rand.New(rand.NewSource(1))
	for _, zone := range zones {
		location, err := time.LoadLocation(zone)
		must(err)
		changes := changesOf(location)
		for _, text := range schedules {
			// A date that does not exist, and a field that nothing fits, are the same everywhere.
			schedule, err := cron.ParseStandard("TZ=" + zone + " " + text)
			must(err)
			var times [][2]any
			for i := 0; i < 4; i++ {
				from := time.Date(2011+random.Intn(16), 1, 1, 0, 0, random.Intn(365*24*3600), 0, time.UTC)
				if len(changes) > 0 && i > 0 {
					// Shortly before a change of the clocks, where all that is strange is.
					from = changes[random.Intn(len(changes))].Add(-time.Duration(random.Intn(30*3600)) * time.Second)
				}
				// On from there, over the change.
				for j := 0; j < 2; j++ {
					next, ends := nextOf(schedule, from)
					if !ends {
						fmt.Fprintln(os.Stderr, "endless:", text, zone, from)
						break
					}
					if next.IsZero() {
						times = append(times, [2]any{from.Unix(), nil})
						break
					}
					times = append(times, [2]any{from.Unix(), next.Unix()})
					from = next
				}
			}
			must(encoder.Encode(map[string]any{"schedule": text, "zone": zone, "times": times}))
		}
	}
}

// cron itself searches for ever where a change of clocks leads it back to the day that it came from.
func nextOf(schedule cron.Schedule, from time.Time) (time.Time, bool) {
	found := make(chan time.Time, 1)
	go func() { found <- schedule.Next(from) }()
	select {
	case next := <-found:
		return next, true
	case <-time.After(2 * time.Second):
		return time.Time{}, false
	}
}

// When the clocks of a place were changed, from 2011 to 2026.
func changesOf(location *time.Location) (changes []time.Time) {
	for t := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() < 2027; {
		_, end := t.In(location).ZoneBounds()
		if end.IsZero() {
			break
		}
		if end.Year() < 2027 {
			changes = append(changes, end)
		}
		t = end
	}
	return changes
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
