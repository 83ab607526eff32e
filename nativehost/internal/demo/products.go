package demo

// products is what the shop sells, in the order of the shelf. The picture of
// each is site/assets/art/<slug>.svg.
func products() []product {
	return []product{
		{
			Slug: "monstera", Name: "Monstera", Price: 3400,
			Blurb: "Big leaves, little fuss.",
			About: "Grown for two years in the greenhouse behind the shop. It forgives a missed watering and fills a corner within one summer.",
			Facts: []string{"60 cm tall", "Bright, indirect light", "Water once a week"},
		},
		{
			Slug: "snake-plant", Name: "Snake plant", Price: 2250,
			Blurb: "Thrives on being ignored.",
			About: "Upright, striped and very hard to kill: the plant for a bedroom, an office and everyone who travels.",
			Facts: []string{"45 cm tall", "Any light", "Water every three weeks"},
		},
		{
			Slug: "cactus-trio", Name: "Cactus trio", Price: 1890,
			Blurb: "Three friends in one bowl.",
			About: "Three slow growers planted together in a shallow bowl of our own making, with grit from the river.",
			Facts: []string{"18 cm tall", "Full sun", "Water once a month"},
		},
		{
			Slug: "stoneware-pot", Name: "Stoneware pot", Price: 2800,
			Blurb: "Thrown and glazed by hand.",
			About: "Every pot leaves our kiln a little different. With a saucer, and a hole where a plant wants one.",
			Facts: []string{"16 cm across", "Frost-proof", "Saucer included"},
		},
		{
			Slug: "watering-can", Name: "Watering can", Price: 4150,
			Blurb: "A long spout that reaches.",
			About: "Powder-coated steel, balanced so that a full can pours with one hand. Made to be repaired.",
			Facts: []string{"1.5 litres", "Powder-coated steel", "Spare roses available"},
		},
		{
			Slug: "olive-tree", Name: "Olive tree", Price: 5600,
			Blurb: "A south-facing balcony's best.",
			About: "A young tree with a straight stem, four summers old. It stays outside until the first real frost.",
			Facts: []string{"90 cm tall", "Full sun", "Hardy to −5 °C"},
		},
	}
}
