package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"k8s.io/apimachinery/pkg/api/resource"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

// tagged is a value as JSON: an object of one key, its type. Integers and doubles are text, a map is a list of pairs in the order of the keys' text.
func tagged(value ref.Val) map[string]any {
	switch v := value.(type) {
	case types.Null:
		return map[string]any{"null": true}
	case types.Bool:
		return map[string]any{"bool": bool(v)}
	case types.Int:
		return map[string]any{"int": strconv.FormatInt(int64(v), 10)}
	case types.Uint:
		return map[string]any{"uint": strconv.FormatUint(uint64(v), 10)}
	case types.Double:
		return map[string]any{"double": strconv.FormatFloat(float64(v), 'g', -1, 64)}
	case types.String:
		return map[string]any{"string": string(v)}
	case types.Bytes:
		return map[string]any{"bytes": base64.StdEncoding.EncodeToString(v)}
	case types.Timestamp:
		return map[string]any{"timestamp": v.Time.UTC().Format(time.RFC3339Nano)}
	case types.Duration:
		return map[string]any{"duration": strconv.FormatInt(int64(v.Duration), 10)}
	case *types.Optional:
		if !v.HasValue() {
			return map[string]any{"optional": nil}
		}
		return map[string]any{"optional": tagged(v.GetValue())}
	case *types.Type:
		return map[string]any{"type": v.TypeName()}
	case traits.Lister:
		items := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			items = append(items, tagged(it.Next()))
		}
		return map[string]any{"list": items}
	case traits.Mapper:
		pairs := [][]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			// The iterator gives a field that the schema does not have as nil.
			if key != nil {
				pairs = append(pairs, []any{tagged(key), tagged(v.Get(key))})
			}
		}
		sort.Slice(pairs, func(i, j int) bool { return text(pairs[i][0]) < text(pairs[j][0]) })
		if v.Type() == types.MapType {
			return map[string]any{"map": pairs}
		}
		return map[string]any{"object": pairs}
	case apiservercel.Quantity: // what is read
		return map[string]any{"quantity": canonical(*v.Quantity)}
	case apiservercel.IP:
		return map[string]any{"ip": v.Addr.String()}
	case apiservercel.CIDR:
		return map[string]any{"cidr": v.Prefix.String()}
	case apiservercel.URL:
		return map[string]any{"url": v.URL.String()}
	case apiservercel.Semver:
		return map[string]any{"semver": v.Version.String()}
	case *apiservercel.Quantity: // what sums are
		return map[string]any{"quantity": canonical(*v.Quantity)}
	case apiservercel.Format:
		return map[string]any{"format": v.Name}
	}
	// Of the others, such as a check of the authorizer, an expression can see nothing but the type.
	return map[string]any{"other": value.Type().TypeName()}
}

// canonical is not always what a quantity was read from, which String answers.
func canonical(quantity resource.Quantity) string {
	number, suffix := quantity.CanonicalizeBytes(nil)
	return string(number) + string(suffix)
}

func text(value any) string {
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(written)
}
